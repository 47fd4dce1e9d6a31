/** What an answer that says no means by its status, and what it says in which shape. */

import * as errors from './errors.js'

type Refusal = typeof errors.ApiError

/**
 * By status, then by its hundreds. Status 0 is a redirect whose target the browser hides: as far as is known only
 * to the login page.
 */
const BY_STATUS: Readonly<Record<number, Refusal>> = {
  0: errors.NotAuthenticated,
  2: errors.Rejected,
  3: errors.UnexpectedRedirect,
  5: errors.ServerError,
  400: errors.BadRequest,
  401: errors.NotAuthenticated,
  403: errors.PermissionDenied,
  404: errors.NotFound,
  409: errors.Conflict,
  410: errors.Gone,
  411: errors.LengthRequired,
  429: errors.RateLimited,
  503: errors.ServiceUnavailable,
}

/** The error of an answer by its status. */
export function errorClass(status: number, location: string): Refusal {
  if (/\/sso\/(Login|Dispatcher)/.test(location)) return errors.NotAuthenticated
  return BY_STATUS[status] ?? BY_STATUS[Math.floor(status / 100)] ?? errors.ApiError
}

const NAMES =
  '0 error_description error errorMessage error_message detail message title errors failure_list'.split(' ')

/** What an error body says is wrong, in whatever shape IBKR says it. */
export function messageOf(body: unknown): string {
  if (typeof body === 'string') {
    const heading = /<(title|h[1-6])[^>]*>(.*?)<\/\1/is.exec(body)?.[2] ?? body
    return heading.replace(/\s+/g, ' ').trim().slice(0, 300)
  }
  const fields = Object(body) as Record<string, unknown>
  for (const name of NAMES) {
    const said = fields[name] ? messageOf(fields[name]) : ''
    if (said) return said
  }
  return ''
}

/**
 * The message of an error inside a success; empty when there is none.
 *
 * It is one when the top object, or the first row of a list, has an `error` that says something, or
 * says `success: false`. An `error` further inside, such as that of `hmds` in a tickle, is none.
 */
export function refusal(body: unknown): string {
  const top = Object(Array.isArray(body) ? body[0] : body) as Record<string, unknown>
  const error = Array.isArray(top['error']) ? '' : top['error']
  const said = typeof error === 'string' ? error : Object.keys(Object(error) as object).join()
  // Presets of advisors say None where there is no error.
  const isRefused = top['success'] === false || !/^(None|null)?$/.test(said)
  return isRefused ? messageOf(top) || 'no reason given' : ''
}
