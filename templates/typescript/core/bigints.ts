/** Integers beyond 2^53, which `JSON.parse` rounds. */

import { parseJson, type JsonValue } from './json.js'

const QUOTED_OR_LONG = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/**
 * Reads JSON and gives integers beyond 2^53 as `bigint`, with all their digits.
 *
 * For `createClient({ parse: parseBigInts })`. Types go on saying `number`: of the fields of this API only
 * some ids can be that large. `JSON.stringify` refuses bigints; convert them before.
 */
export function parseBigInts(text: string): JsonValue {
  const mark = `\0${Math.random()}:`
  const marked = text.replace(QUOTED_OR_LONG, (token) =>
    token[0] === '"' || Number.isSafeInteger(Number(token)) ? token : JSON.stringify(mark + token),
  )
  const restore = (value: JsonValue): unknown => {
    if (typeof value === 'string') return value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value
    if (Array.isArray(value)) return value.map(restore)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, restore(item)]))
  }
  const value = parseJson(marked)
  return marked === text ? value : (restore(value) as JsonValue)
}
