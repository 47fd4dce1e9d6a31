/** Listings that come in pages: what to ask for next, and when there is no more. */

import { call } from './call.js'
import type { CallOptions, Client } from './client.js'
import { StalledPage } from './errors.js'
import type { Pagination, Wire } from './operation.js'

const MAX_PAGES = 10_000

/** A paged operation; `follow` is the one that gives all pages but the first. */
export interface Paged {
  readonly operation: Wire
  readonly follow?: Wire
  readonly way: Omit<Pagination, 'follow'>
}

/**
 * All rows of a listing, page after page, each row once.
 *
 * It ends with an empty page, and with a page of which every row came before: past the end IBKR repeats
 * pages. Rows are told apart by their identifying fields, for prices change in between.
 */
export async function* pages<Row>(
  client: Client,
  { operation, follow, way }: Paged,
  args: object,
  options: CallOptions = {},
): AsyncGenerator<Row, void, undefined> {
  const seen = new Set<string>()
  let next: unknown = (args as Record<string, unknown>)[way.argument] ?? (way.style === 'cursor' ? undefined : way.start)
  for (let count = 0; count < MAX_PAGES; count++) {
    const followed = count > 0 ? follow : undefined
    const asked = { ...(followed ? {} : args), [way.argument]: next }
    const rows = rowsOf<Row>(await call<unknown>(client, followed ?? operation, asked, options))
    const fresh = rows.filter((row) => !seen.has(identity(row)))
    for (const row of fresh) seen.add(identity(row))
    yield* fresh
    next = fresh.length ? after(way, next, rows) : undefined
    if (next == null) return
  }
  throw new StalledPage(operation, `no end after ${MAX_PAGES} pages`)
}

function after(way: Paged['way'], current: unknown, rows: readonly unknown[]): unknown {
  if (way.style === 'page') return Number(current) + 1
  if (way.style === 'offset') return Number(current) + rows.length
  return (rows.at(-1) as Record<string, unknown> | undefined)?.[way.source]
}

/** The rows of a page: the page itself, or the one list that it holds. */
function rowsOf<Row>(page: unknown): Row[] {
  if (Array.isArray(page)) return page as Row[]
  const lists = Object.values(Object(page) as object).filter(Array.isArray)
  return lists.length === 1 ? (lists[0] as Row[]) : []
}

/** What tells a row from others: its fields that are identifiers, else all of it. */
function identity(row: unknown): string {
  const entries = Object.entries(Object(row) as object)
  const named = entries.filter(([name]) => /(id|conid|model)$/i.test(name))
  return JSON.stringify(named.length ? named.sort() : row)
}
