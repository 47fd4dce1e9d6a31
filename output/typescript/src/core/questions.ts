/** A message that an order may be answered with; `guards` when it protects from a slip. */
export interface Question {
  readonly meaning: string
  readonly guards: boolean
}

/** Message ids of order questions, of those that are known; others occur. */
export const QUESTIONS: Readonly<Record<string, Question>> = {
  o163: { meaning: 'the price is outside the percentage band', guards: true },
  o354: { meaning: 'no market data for the instrument', guards: false },
  o382: { meaning: 'the tick size limit is exceeded', guards: true },
  o383: { meaning: 'the order size limit is exceeded', guards: true },
  o403: { meaning: 'the order will trigger and fill at once', guards: true },
  o451: { meaning: 'the total value limit is exceeded', guards: true },
  o2136: { meaning: 'a mixed allocation', guards: false },
  o2137: { meaning: 'an order that crosses sides', guards: false },
  o2165: { meaning: 'no fractional shares outside regular hours', guards: false },
  o10082: { meaning: 'a called bond', guards: false },
  o10138: { meaning: 'the limit of size changes is exceeded', guards: true },
  o10151: { meaning: 'the risk of market orders', guards: false },
  o10152: { meaning: 'the risk of stop orders once they are active', guards: false },
  o10153: { meaning: 'a mandatory cap or floor price', guards: true },
  o10164: { meaning: 'a cash quantity is met on a best-effort basis', guards: false },
  o10223: { meaning: 'confirm the cash quantity', guards: false },
  o10288: { meaning: 'the risk of market orders in crypto currencies', guards: false },
  o10331: { meaning: 'the kinds of stop orders and their risks', guards: false },
  o10332: { meaning: 'a warning about crypto currencies at OSL', guards: false },
  o10333: { meaning: 'an option is exercised at the money', guards: true },
  o10334: { meaning: 'the order is placed in an omnibus account', guards: false },
  o10335: { meaning: 'an internal message of Rapid Entry', guards: false },
  o10336: { meaning: 'limited liquidity', guards: false },
  p6: { meaning: 'the order is distributed over several accounts', guards: false },
  p12: { meaning: 'a disruptive order, or the Price Management Algo', guards: false },
}
