/** Readers of JSON for `createClient({ parse })`, where `JSON.parse` is not enough. */

import type { JsonValue } from './json.js'

const QUOTED = '"(?:[^"\\\\]|\\\\.)*"'
const QUOTED_OR_NOT_A_NUMBER = new RegExp(`${QUOTED}|-?\\b(?:NaN|Infinity)\\b`, 'g')
const QUOTED_OR_LONG = new RegExp(`${QUOTED}|(?<![\\d.eE+-])-?\\d{16,}(?![\\d.eE])`, 'g')

/** Reads `NaN` and `Infinity`, which JSON does not have, as null. */
export function parseLenient(text: string): JsonValue {
  return JSON.parse(text.replace(QUOTED_OR_NOT_A_NUMBER, (token) => (token[0] === '"' ? token : 'null'))) as JsonValue
}

/**
 * Gives integers beyond 2^53, which `JSON.parse` rounds, as `bigint` with all their digits.
 *
 * Types go on saying `number`: of the fields of this API only some ids can be that large. `JSON.stringify`
 * refuses bigints; convert them before.
 */
export function parseBigInts(text: string): JsonValue {
  const mark = `\0${Math.random()}:`
  const marked = text.replace(QUOTED_OR_LONG, (token) =>
    token[0] === '"' || Number.isSafeInteger(Number(token)) ? token : JSON.stringify(mark + token),
  )
  const restore = (_: string, value: unknown): unknown =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value
  return JSON.parse(marked, restore) as JsonValue
}
