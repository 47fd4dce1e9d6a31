/** A server on the loopback interface that answers as it is told and remembers what came. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Handler = (response: ServerResponse, request: Arrived, count: number) => void

export class Server implements AsyncDisposable {
  readonly arrived: Arrived[] = []
  readonly #server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const arrived = { method, url, headers, body }
      this.arrived.push(arrived)
      this.#handler(response, arrived, this.arrived.length)
    })
  })
  readonly #handler: Handler

  private constructor(handler: Handler) {
    this.#handler = handler
  }

  static async start(handler: Handler): Promise<Server> {
    const server = new Server(handler)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Answers JSON, with whatever status and headers. */
export function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
