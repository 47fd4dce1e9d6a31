/**
 * All errors of the client.
 *
 *     BezantError
 *     |-- ArgumentError            a call that cannot be sent: nothing went out
 *     |-- TransportError           no whole answer came
 *     |   |-- ConnectError           no connection: nothing went out
 *     |   |-- RequestTimeout         no answer in time
 *     |   `-- ResponseTooLarge       an answer beyond the limit of the client
 *     |-- DecodeError              an answer that is not what it claims to be
 *     |   `-- HtmlPage               a page where data is due: a proxy or a login page answered
 *     |-- StalledPage              a listing that gives the same page for ever
 *     `-- ApiError                 an answer that says no
 *         |-- BadRequest             400
 *         |-- PermissionDenied       403
 *         |-- NotFound               404
 *         |   |-- ContractNotFound     no symbol, no contract, no security definition
 *         |   |-- OrderNotFound        no such order, or it is done
 *         |   `-- ReplyNotFound        a question that was answered, replaced, or never asked
 *         |-- Conflict               409
 *         |-- Gone                   410
 *         |-- LengthRequired         411
 *         |-- RateLimited            429
 *         |-- UnexpectedRedirect     3xx to anywhere but the login page
 *         |-- ServerError            any other 5xx
 *         |   `-- ServiceUnavailable   503
 *         |       `-- Maintenance        the servers are being maintained
 *         |-- SessionError           the session is not ready for this call
 *         |   |-- NotAuthenticated     401, or a redirect to the login page
 *         |   |-- NoBrokerageSession   logged in, without a brokerage session
 *         |   |-- CompetingSession     another session of this user trades
 *         |   |-- AccountsNotQueried   the accounts have to be asked for first
 *         |   `-- ConsumerNotActive    the OAuth consumer key is not active yet
 *         `-- Rejected               the call was understood and refused, often with status 200
 *             |-- InsufficientFunds
 *             |-- MarketClosed
 *             |-- NoTradingPermission
 *             |-- PriceOutOfRange
 *             `-- DuplicateOrderId
 *
 * With `explain` a known meaning goes before the status: "no bridge" is `NoBrokerageSession` under 400 and 200.
 */

import type { HttpAnswer } from './http.js'
import type { Body } from './json.js'
import type { Place } from './operation.js'

const SECRETS = /eyJ[\w.-]+|(?<=Bearer |token=|signature=|secret=|password=)[^\s&;,]+|\b[0-9a-f]{32,}\b/gi

/** Base of all errors of this package. */
export class BezantError extends Error {
  override name: string = 'BezantError'
  /** Whether the same call may succeed later. Says nothing about whether repeating it is safe. */
  readonly isRetryable: boolean = false
  /** What to do about it, in words; filled in where the client was given `explain`. */
  hint: string = ''
  /** What happened; of an `ApiError`, what IBKR says. Tokens, passwords and long hexadecimal numbers are masked. */
  readonly reason: string
  declare readonly operation: Place
  /** The answer, if one came. Not enumerable, like `body`: who logs an error does not log secrets. */
  declare readonly answer: HttpAnswer | undefined
  /** The body of the answer: JSON where it is JSON, else text. */
  declare readonly body: Body

  constructor(operation: Place, reason: string, answer?: HttpAnswer, body?: Body) {
    const said = reason.replace(SECRETS, '(masked)').replace(/[ .]+$/, '')
    const { id, method, path } = operation
    super(`${id} (${method} ${path}): ${answer ? `${answer.status} ` : ''}${said}.`)
    this.reason = said
    Object.defineProperties(this, { operation: { value: operation }, answer: { value: answer }, body: { value: body } })
  }
}

/** A call that cannot be sent: a required argument is missing, or a value cannot be written. */
export class ArgumentError extends BezantError {
  override name = 'ArgumentError'
}

/** No whole answer came. */
export class TransportError extends BezantError {
  override name = 'TransportError'
  override readonly isRetryable: boolean = true
  /** Whether the call may have taken effect: if it changes something, look before you repeat it. */
  readonly mayHaveArrived: boolean = true
}

/** No connection could be made; nothing was sent. Browsers and Deno do not tell: there it is a `TransportError`. */
export class ConnectError extends TransportError {
  override name = 'ConnectError'
  override readonly mayHaveArrived = false
}

/** No whole answer in time. Whether the call took effect is unknown. */
export class RequestTimeout extends TransportError {
  override name = 'RequestTimeout'
}

/** The answer is larger than the limit of the client; the rest was not read. */
export class ResponseTooLarge extends TransportError {
  override name = 'ResponseTooLarge'
  override readonly isRetryable = false
}

/** A body that is not what it claims to be: see `answer.bytes`. The call itself may have taken effect. */
export class DecodeError extends BezantError {
  override name = 'DecodeError'
  declare readonly answer: HttpAnswer
}

/** A page in place of data: something before the API answered. */
export class HtmlPage extends DecodeError {
  override name = 'HtmlPage'
}

/** A listing gave the same page again and again without an end. */
export class StalledPage extends BezantError {
  override name = 'StalledPage'
}

/** An answer that says no. */
export class ApiError extends BezantError {
  override name = 'ApiError'
  declare readonly answer: HttpAnswer

  get status(): number {
    return this.answer.status
  }

  /** What the server calls this call; empty when it does not say. */
  get requestId(): string {
    return this.answer.headers.get('x-request-id') ?? ''
  }
}

/** 400: the server understood the call and refuses it as it is. */
export class BadRequest extends ApiError {
  override name = 'BadRequest'
}

/** 403: the session may not do this, or the edge refused the client. */
export class PermissionDenied extends ApiError {
  override name = 'PermissionDenied'
}

/** 404: no such path, account or resource. */
export class NotFound extends ApiError {
  override name = 'NotFound'
}

/** No symbol, contract or security definition is found. */
export class ContractNotFound extends NotFound {
  override name = 'ContractNotFound'
}

/** No such order, or it is filled or cancelled. */
export class OrderNotFound extends NotFound {
  override name = 'OrderNotFound'
}

/** The question was answered, replaced by another request, or never asked. */
export class ReplyNotFound extends NotFound {
  override name = 'ReplyNotFound'
}

/** 409: the state of the resource does not allow this. */
export class Conflict extends ApiError {
  override name = 'Conflict'
}

/** 410: this host no longer answers the call. */
export class Gone extends ApiError {
  override name = 'Gone'
}

/** 411: the edge wants a Content-Length. */
export class LengthRequired extends ApiError {
  override name = 'LengthRequired'
}

/** 429: too many calls; the address is locked out for ten to fifteen minutes. */
export class RateLimited extends ApiError {
  override name = 'RateLimited'
  override readonly isRetryable = true
}

/** 3xx to anywhere but the login page; redirects are never followed. */
export class UnexpectedRedirect extends ApiError {
  override name = 'UnexpectedRedirect'
}

/** 5xx: the server failed. */
export class ServerError extends ApiError {
  override name = 'ServerError'
  override readonly isRetryable = true
}

/** 503: a service behind the server did not answer in time, or has no answer for this call. */
export class ServiceUnavailable extends ServerError {
  override name = 'ServiceUnavailable'
}

/** The servers are being maintained: about 01:00 of the region's time, and on Saturday evenings. */
export class Maintenance extends ServiceUnavailable {
  override name = 'Maintenance'
}

/** The session is not ready for this call. */
export class SessionError extends ApiError {
  override name = 'SessionError'
}

/** 401, or a redirect to the login page: nobody is logged in. */
export class NotAuthenticated extends SessionError {
  override name = 'NotAuthenticated'
}

/** Logged in, but without a brokerage session. */
export class NoBrokerageSession extends SessionError {
  override name = 'NoBrokerageSession'
  override readonly isRetryable = true
}

/** Another session of this user trades: a user has one. */
export class CompetingSession extends SessionError {
  override name = 'CompetingSession'
}

/** The accounts have to be asked for once in each brokerage session. */
export class AccountsNotQueried extends SessionError {
  override name = 'AccountsNotQueried'
  override readonly isRetryable = true
}

/** The OAuth consumer key is not active yet. */
export class ConsumerNotActive extends SessionError {
  override name = 'ConsumerNotActive'
}

/** The call was understood and refused; often under status 200. */
export class Rejected extends ApiError {
  override name = 'Rejected'
}

/** Not enough cash, equity or margin for the order. */
export class InsufficientFunds extends Rejected {
  override name = 'InsufficientFunds'
}

/** The market does not take this order now. */
export class MarketClosed extends Rejected {
  override name = 'MarketClosed'
}

/** The account may not trade this instrument, or in this way. */
export class NoTradingPermission extends Rejected {
  override name = 'NoTradingPermission'
}

/** The price is beyond a cap, a floor or a percentage, or off the tick size. */
export class PriceOutOfRange extends Rejected {
  override name = 'PriceOutOfRange'
}

/** The client order id was used in the last 24 hours. */
export class DuplicateOrderId extends Rejected {
  override name = 'DuplicateOrderId'
}
