/** From the registry to a call. */

import type { Operation, Wire, Writer } from './operation.js'
import { formBody, inHeader, inPath, inQuery, jsonBody, needed, textBody } from './request.js'

/** What a call needs of an operation of the registry, so that `call` can make it. */
export function wireOf(operation: Operation): Wire {
  const placed = (location: string) => operation.parameters.filter((p) => p.location === location)
  const names = (location: string) => Object.fromEntries(placed(location).map((p) => [p.argument, p.name]))
  const path = placed('path').reduce((text, p) => text.replace(`{${p.name}}`, `{${p.argument}}`), operation.path)
  const required = operation.parameters.filter((p) => p.required && p.location !== 'path').map((p) => p.argument)
  return {
    id: operation.id,
    method: operation.method,
    path: operation.basePath + path,
    idempotency: operation.idempotency,
    write: [needed, inPath, inQuery, inHeader, ...(operation.body ? [bodyWriter(operation.body.mediaType)] : [])],
    query: names('query'),
    joined: placed('query').flatMap((p) => (p.explode ? [] : [p.name])),
    header: names('header'),
    ...(operation.body && { body: operation.body.mediaType }),
    required: operation.body?.required ? [...required, 'body'] : required,
  }
}

function bodyWriter(mediaType: string): Writer {
  if (mediaType.includes('form')) return formBody
  return mediaType.includes('json') ? jsonBody : textBody
}
