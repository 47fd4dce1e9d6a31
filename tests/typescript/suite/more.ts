import { createClient } from 'bezant-client'
import { iterPositions } from 'bezant-client/portfolio'

/** Walks through a listing that never ends; its `fetch` is a function, for ten thousand answers over a socket take long. */
export async function moreIterations(): Promise<number> {
  let count = 0
  const endless = (): Promise<Response> => Promise.resolve(Response.json([{ acctId: 'U1', conid: count++ }]))
  let rows = 0
  for await (const row of iterPositions(createClient({ fetch: endless }), { accountId: 'U1' })) rows += row.conid ? 1 : 0
  return rows
}
