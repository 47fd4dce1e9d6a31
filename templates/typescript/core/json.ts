/** What JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/** A body as it was read: JSON, text (a string), the bytes of a file, or nothing. */
export type Body = JsonValue | Uint8Array | undefined
