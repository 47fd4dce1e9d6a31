/**
 * Readers of the texts that IBKR sends in place of numbers and times.
 *
 * Each takes what the wire has; nothing calls them by itself. What says that there is no value (`""`,
 * `"N/A"`, `null`) gives `null`; any other text that is none of the forms below is a `RangeError`. The forms
 * are those seen in answers of the live API.
 */

/** What the wire may have where a number or a time is due. */
export type Text = string | number | boolean | null | undefined

/** A price of a snapshot; `flag` tells a close of yesterday and a halt from a trade of today. */
export interface Price {
  readonly value: number
  readonly flag: '' | 'previous_close' | 'halted'
}

/** Money; `currency` is an ISO 4217 code, empty where the text has none. */
export interface Amount {
  readonly value: number
  readonly currency: string
}

const ABSENT = /^(-|n\/a|na|null|none|nan)?$/i
const NUMBER = /^([+-]?[\d,]*\.?\d+)(?:([eE][+-]?\d+)|\s*([KMBT]))?$/
const EXPONENTS: Readonly<Record<string, string>> = { K: 'e3', M: 'e6', B: 'e9', T: 'e12' }
const MILLISECONDS_FROM = 1e11

/** A number: `"1,005.5"`, `"50.1M"` (50100000), `"1.2K"`, `"-1"`, or a number already. */
export function number(value: Text): number | null {
  const text = textOf(value)
  if (text === null) return null
  const [, digits, exponent = '', suffix = ''] = NUMBER.exec(text) ?? unreadable(value, 'number')
  return finite(Number(digits?.replaceAll(',', '') + (exponent || (EXPONENTS[suffix] ?? ''))), value, 'number')
}

/** A percentage in points: `"0.54%"` and `"0.54"` give 0.54; divide by 100 for the fraction. */
export function percent(value: Text): number | null {
  const text = textOf(value)
  return text === null ? null : present(text.replace(/%$/, '').trimEnd(), value)
}

/** A price with its prefix: `"C184.21"` is yesterday's close, `"H10.5"` the last before a halt. */
export function price(value: Text): Price | null {
  const text = textOf(value)
  if (text === null) return null
  const flag = text[0] === 'C' ? 'previous_close' : text[0] === 'H' ? 'halted' : ''
  return { value: present(flag ? text.slice(1) : text, value), flag }
}

/** Money: `"1,005,254 USD"`, `"1,977.60 USD (10 Shares)"`, `"1,006,413"`. */
export function amount(value: Text): Amount | null {
  const text = textOf(value)
  if (text === null) return null
  const [, digits = '', currency = ''] =
    /^(\S+)(?:\s+([A-Z]{3}))?(?:\s+\(.*\))?$/.exec(text) ?? unreadable(value, 'amount')
  return { value: present(digits, value), currency }
}

/**
 * A time from seconds or milliseconds since 1970: 1767225600, `"1775041875.0"`.
 *
 * From 10^11 on they are milliseconds: as seconds that would be the year 5138.
 */
export function epoch(value: Text): Date | null {
  const text = textOf(value)
  if (text === null) return null
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) unreadable(value, 'time')
  const read = Number(text)
  const date = new Date(Math.round(Math.abs(read) >= MILLISECONDS_FROM ? read : read * 1_000))
  finite(date.getTime(), value, 'time')
  return date
}

/** A time from `trade_time` of trades, which is UTC: `"20260331-14:30:05"`. */
export function tradeTime(value: Text): Date | null {
  return utc(value, /^(\d{4})(\d\d)(\d\d)-(\d\d):(\d\d):(\d\d)$/)
}

/** A time from `lastExecutionTime` and `order_time` of orders, which is UTC: `"260331143005"`. */
export function orderTime(value: Text): Date | null {
  const text = textOf(value)
  return utc(text === null ? null : `20${text}`, /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/)
}

/** A time without zone, in ISO 8601, from `lastSuccessfulUpdate` of performance: `"2026-03-31 14:30:05"`. */
export function updateTime(value: Text): string | null {
  const date = utc(value, /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/)
  return date && date.toISOString().slice(0, 19)
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
// prettier-ignore
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0, GMT: 0, EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7,
  CET: 1, CEST: 2, BST: 1, HKT: 8, JST: 9,
}

/** A time from `date` of transactions: `"Tue Mar 31 00:00:00 EDT 2026"`. */
export function javaTime(value: Text): Date | null {
  const text = textOf(value)
  if (text === null) return null
  const [, month = '', day = '', time = '', zone = '', year = '', more] = text.split(/\s+/)
  const hours = ZONES[zone]
  if (hours === undefined || !MONTHS.includes(month) || !year || more) return unreadable(value, 'time')
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0')
  const local = utc(`${year}-${number}-${day} ${time}`, /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/)
  return local && new Date(local.getTime() - hours * 3_600_000)
}

/** A date in ISO 8601: `"20260331"`, 20261218, or a month, `"202603"`, which gives its first day. */
export function day(value: Text): string | null {
  const text = textOf(value)
  if (text === null) return null
  const date = utc(text.length === 6 ? `${text}01` : text, /^(\d{4})(\d\d)(\d\d)$/)
  return date && date.toISOString().slice(0, 10)
}

/** A value as text; null for what says that there is none. */
function textOf(value: Text): string | null {
  if (typeof value === 'boolean') return unreadable(value, 'number')
  const text = String(value ?? '').trim()
  return ABSENT.test(text) ? null : text
}

/** A time of which a pattern finds year, month, day, and perhaps hour, minute and second. */
function utc(value: Text, pattern: RegExp): Date | null {
  const text = textOf(value)
  if (text === null) return null
  const [year = 0, month = 0, day = 0, ...clock] = (pattern.exec(text) ?? unreadable(value, 'time')).slice(1).map(Number)
  const [hour = 0, minute = 0, second = 0] = clock
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // Date.UTC takes 31 February for 3 March.
  const kept = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
  return kept && minute < 60 && second < 60 ? date : unreadable(value, 'time')
}

/** A number that must be there, because a sign or a prefix announced it. */
function present(text: string, value: Text): number {
  return number(text) ?? unreadable(value, 'number')
}

function finite(read: number, value: Text, kind: string): number {
  return Number.isFinite(read) ? read : unreadable(value, kind)
}

function unreadable(value: Text, kind: string): never {
  throw new RangeError(`no ${kind}: ${JSON.stringify(value)}`)
}
