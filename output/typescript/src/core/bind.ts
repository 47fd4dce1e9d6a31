/** Namespaces whose functions know their client. */

import type { Client } from './client.js'

/** The functions of a module without their first argument. */
export type Bound<Module> = {
  readonly [Name in keyof Module]: Module[Name] extends (client: Client, ...args: infer Args) => infer Result
    ? (...args: Args) => Result
    : never
}

/** Binds the functions of a module to a client. */
export function bind<Module extends object>(client: Client, module: Module): Bound<Module> {
  const bound = Object.entries(module).map(([name, run]: [string, (client: Client, ...rest: unknown[]) => unknown]) => [
    name,
    (...rest: unknown[]) => run(client, ...rest),
  ])
  return Object.fromEntries(bound) as Bound<Module>
}

/** Puts a value in the place of the getter that made it. */
export function remember<Value>(owner: object, name: string, value: Value): Value {
  Object.defineProperty(owner, name, { value })
  return value
}
