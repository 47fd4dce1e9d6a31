/**
 * A WebSocket that greets and remembers, for what the mock gateway does not do: it sends before the greeting, it
 * answers at any path, it tells what each connection was asked with, and it serves pages beside it.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { WebSocketServer, type RawData, type WebSocket } from 'ws'

import { Log } from './log.js'

export const HEARTBEAT = { topic: 'system', hb: 1712596911593 }
const GREETING = { topic: 'system', success: 'jane', isFT: false, isPaper: true }
const QUOTE = { topic: 'smd+265598', conid: 265598, conidEx: '265598', server_id: 'q0', 31: '189.10' }

export interface GatewaySettings {
  /** Whether connections are greeted as soon as they are there, which is so unless told otherwise. */
  readonly isGreeting?: boolean
  /** Answers what is no WebSocket. */
  readonly listener?: RequestListener
}

export class Gateway {
  readonly connections = new Log<Connection>()
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true })

  private constructor({ isGreeting = true, listener }: GatewaySettings) {
    this.#http = createServer(listener)
    this.#http.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = new Connection(webSocket, request)
        if (isGreeting) connection.greet()
        this.connections.add(connection)
      })
    })
  }

  static async start(settings: GatewaySettings = {}): Promise<Gateway> {
    const gateway = new Gateway(settings)
    gateway.#http.listen(0, '127.0.0.1')
    await once(gateway.#http, 'listening')
    return gateway
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate()
    this.#http.close()
    this.#http.closeAllConnections()
    await once(this.#http, 'close')
  }
}

export class Connection {
  /** What came after the greeting, in order. */
  readonly received = new Log<string>()
  /** What came before: it is lost. */
  readonly lost: string[] = []
  readonly closed: Promise<unknown>
  readonly request: IncomingMessage
  readonly #socket: WebSocket
  #isGreeted = false

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.#socket = socket
    this.request = request
    this.closed = once(socket, 'close')
    socket.on('error', () => undefined) // the other side may break off as it likes
    socket.on('message', (data: RawData) => this.#take(String(data)))
  }

  greet(): void {
    this.#isGreeted = true
    this.send(GREETING)
  }

  /** Sends a frame: objects as JSON, bytes as they are. */
  send(frame: object): void {
    this.#socket.send(frame instanceof Uint8Array ? frame : JSON.stringify(frame))
  }

  /** What the other side sent before it answers to this has arrived when it does. */
  async roundTrip(): Promise<void> {
    const answered = once(this.#socket, 'pong')
    this.#socket.ping()
    await answered
  }

  /** Closes as it should be done. */
  close(code: number): void {
    this.#socket.close(code)
  }

  #take(message: string): void {
    if (!this.#isGreeted) {
      this.lost.push(message)
      return
    }
    if (message.startsWith('smd')) this.send(QUOTE)
    this.received.add(message)
  }
}
