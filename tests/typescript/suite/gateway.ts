/** The WebSocket of IBKR's gateway on a loopback address, as deaf before its greeting as the real one. */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { WebSocketServer, type RawData, type WebSocket } from 'ws'

import { Log } from './log.js'

export const SYSTEM = { topic: 'system', success: 'jane', isFT: false, isPaper: true }
export const ACT = { topic: 'act', args: { accounts: ['DU1'], selectedAccount: 'DU1' } }
export const STS = { topic: 'sts', args: { authenticated: true, competing: false, message: '', fail: '' } }
export const HEARTBEAT = { topic: 'system', hb: 1712596911593 }

export interface GatewaySettings {
  /** Whether connections are greeted as soon as they are there, which is so unless told otherwise. */
  readonly isGreeting?: boolean
  /** What comes back for a message, `answer` by default. */
  readonly answer?: (message: string) => object | string | undefined
  /** The status with which a request for a connection is refused; nothing to take it. */
  readonly refusal?: (request: IncomingMessage) => number | undefined
  /** Answers what is no WebSocket. */
  readonly listener?: RequestListener
}

export class Gateway {
  readonly connections = new Log<Connection>()
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true })

  private constructor(settings: GatewaySettings) {
    const { isGreeting = true, answer: say = answer } = settings
    this.#http = createServer(settings.listener)
    this.#http.on('upgrade', (request, socket, head) => {
      const refusal = settings.refusal?.(request)
      if (refusal) return socket.end(`HTTP/1.1 ${refusal} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = new Connection(webSocket, request, say)
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

  constructor(socket: WebSocket, request: IncomingMessage, say: (message: string) => object | string | undefined) {
    this.#socket = socket
    this.request = request
    this.closed = once(socket, 'close')
    socket.on('error', () => undefined) // the other side may break off as it likes
    socket.on('message', (data: RawData) => {
      const message = String(data)
      if (!this.#isGreeted) return this.lost.push(message)
      const said = say(message)
      if (said) this.send(said)
      return this.received.add(message)
    })
    this.send({ message: 'waiting for session' })
  }

  greet(): void {
    this.#isGreeted = true
    for (const frame of [SYSTEM, ACT, STS]) this.send(frame)
  }

  /** Sends a frame: objects as JSON, strings as they are, bytes as a binary frame unless it is to be text. */
  send(frame: object | string | Uint8Array, isBinary = frame instanceof Uint8Array): void {
    const isWritten = typeof frame === 'string' || frame instanceof Uint8Array
    this.#socket.send(isWritten ? frame : JSON.stringify(frame), { binary: isBinary })
  }

  /** What the other side sent before it answers to this has arrived when it does. */
  async roundTrip(): Promise<void> {
    const answered = once(this.#socket, 'pong')
    this.#socket.ping()
    await answered
  }

  /** Stays connected without reading any more: not even a request to close is answered. */
  freeze(): void {
    this.#socket.pause()
  }

  /** Closes as it should be done; `breakOff` does not. */
  close(code = 1000): void {
    this.#socket.close(code)
  }

  breakOff(): void {
    this.#socket.terminate()
  }
}

let streams = 0

/** What a gateway says to a message. */
export function answer(message: string): object | string | undefined {
  const [topic = '', target = ''] = message.split('+')
  const conid = target.replace(/@.*/, '')
  switch (topic) {
    case 'smd':
      return quote(Number(conid), fieldsOf(message))
    case 'smh':
      return { topic: `smh+${conid}`, serverId: `h${++streams}`, symbol: 'AAPL', data: [] }
    case 'sor':
      return { topic: 'sor', args: [{ acct: 'DU1', orderId: 1, status: 'Submitted' }] }
    case 'tic':
      return { topic: 'tic', alive: true, id: 'b1' }
    case 'ech':
      return message
    case 'umh':
      return { message: `Unsubscribed ${target}` }
  }
  return 'sui'.includes(topic.charAt(0)) ? undefined : { error: `Topic unknown: ${topic}` }
}

function fieldsOf(message: string): readonly string[] {
  return (JSON.parse(message.slice(message.indexOf('{'))) as { fields: string[] }).fields
}

/** A quote that says `189.10` for each of its fields. */
export function quote(conid: number, fields: readonly string[], price = '189.10'): object {
  const values = Object.fromEntries(fields.map((field) => [field, price]))
  return { topic: `smd+${conid}`, conid, conidEx: String(conid), server_id: 'q0', _updated: 1712596911593, ...values }
}
