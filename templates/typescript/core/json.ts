/** What JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/** A body as it was read: JSON, text (a string), the bytes of a file, or nothing. */
export type Body = JsonValue | Uint8Array | undefined

/** The text of a body: no byte order mark, and bytes that are no UTF-8 replaced. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

const QUOTED_OR_NOT_A_NUMBER = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g

/** JSON as IBKR writes it: `NaN` and `Infinity`, which JSON does not have, are read as null. */
export function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    const mended = text.replace(QUOTED_OR_NOT_A_NUMBER, (token) => (token[0] === '"' ? token : 'null'))
    if (mended === text) throw error
    return JSON.parse(mended) as JsonValue
  }
}
