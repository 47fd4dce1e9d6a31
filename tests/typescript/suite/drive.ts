/** Makes calls that it reads from standard input, one JSON object a line, and prints what came of each. */

import { createInterface } from 'node:readline'

import { ApiError, BezantError, createClient, type Answer, type Call, type CallOptions, type Client } from 'bezant-client'
import { explain } from 'bezant-client/explain'
import { parseLenient } from 'bezant-client/parsing'

interface Job {
  readonly baseUrl: string
  /** Entry point and name of the function; `iterations` of what it gives are read where it gives many. */
  readonly entry: string
  readonly name: string
  /** Arguments; nothing where the function takes none. */
  readonly args?: object
  readonly options?: { readonly headers?: Record<string, string>; readonly timeout?: number }
  readonly isExplained?: boolean
  readonly isLenient?: boolean
}

type Run = (client: Client, ...rest: unknown[]) => Call<unknown> | AsyncIterable<unknown>

async function run(job: Job): Promise<object> {
  const client = createClient({
    baseUrl: job.baseUrl,
    retry: false,
    ...(job.isExplained && { explain }),
    ...(job.isLenient && { parse: parseLenient }),
  })
  const module = (await import(`bezant-client/${job.entry}`)) as Record<string, Run>
  const given: unknown[] = job.args ? [job.args] : []
  const options: CallOptions = job.options ?? {}
  try {
    const made = module[job.name]?.(client, ...given, options)
    if (made && Symbol.asyncIterator in made) return { rows: await collected(made) }
    return shown(await (made as Call<unknown>).withResponse())
  } catch (error) {
    if (error instanceof BezantError) return failed(error)
    throw error
  }
}

async function collected(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const row of rows) all.push(row)
  return all
}

function shown({ value, status, bytes }: Answer<unknown>): object {
  if (value instanceof Uint8Array) return { status, bytes: Buffer.from(bytes).toString('base64') }
  return { status, value, isAbsent: value === undefined }
}

function failed(error: BezantError): object {
  const { name, message, reason, hint, isRetryable, body } = error
  const status = error instanceof ApiError ? { status: error.status, requestId: error.requestId } : {}
  return { error: name, message, reason, hint, isRetryable, body, ...status }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await run(JSON.parse(line) as Job)))
}
