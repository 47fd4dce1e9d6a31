/** What the functions of operations are made of. */

export { call, type Call } from './call.js'
export type { CallOptions, Client } from './client.js'
export type { Wire } from './operation.js'
export { pages, type Paged } from './pages.js'
export { formBody, inHeader, inPath, inQuery, jsonBody, needed, textBody } from './request.js'
