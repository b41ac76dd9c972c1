// Exact decimals as engine/formula/exact.py has them: 34 significant digits, half even; every operation is total and
// gives null where it has no answer. BigInt() instead of literals, so that an old browser still loads the page's script.

const PRECISION = 34
const LOWEST = -6176
const HIGHEST = 6144
const DIVISION_DECIMALS = 12
const MOST_DECIMALS = 12

const NONE = BigInt(0)
const UNIT = BigInt(1)
const TWO = BigInt(2)
const TEN = BigInt(10)
const powers: bigint[] = [UNIT]

function power(many: number): bigint {
  for (let next = powers.length; next <= many; next += 1) powers.push((powers[next - 1] ?? UNIT) * TEN)
  return powers[many] ?? UNIT
}

function magnitude(digits: bigint): bigint {
  return digits < NONE ? -digits : digits
}

function length(digits: bigint): number {
  return magnitude(digits).toString().length
}

/** digits × 10^exponent */
export class Decimal {
  constructor(
    readonly digits: bigint,
    readonly exponent: number,
  ) {}

  get isZero(): boolean {
    return this.digits === NONE
  }

  get isNegative(): boolean {
    return this.digits < NONE
  }

  get isWhole(): boolean {
    return this.exponent >= 0 || this.digits % power(-this.exponent) === NONE
  }

  /** The exponent of its first digit. */
  get adjusted(): number {
    return length(this.digits) + this.exponent - 1
  }

  /** Without zeros at the end. */
  stripped(): Decimal {
    let { digits, exponent } = this
    if (digits === NONE) return ZERO
    while (exponent < 0 && digits % TEN === NONE) {
      digits /= TEN
      exponent += 1
    }
    return new Decimal(digits, exponent)
  }

  /** As people write it: no exponent, no zeros at the end. */
  toString(): string {
    const { digits, exponent } = this.stripped()
    const plain = magnitude(digits).toString()
    const sign = digits < NONE ? '-' : ''
    if (digits === NONE) return '0'
    if (exponent >= 0) return sign + plain + '0'.repeat(exponent)
    const padded = plain.padStart(1 - exponent, '0')
    return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`
  }

  toNumber(): number {
    return Number(this.toString())
  }
}

export const ZERO = new Decimal(NONE, 0)
export const ONE = new Decimal(UNIT, 0)
const WRITTEN = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$|^([+-]?)\.(\d+)$/

export function decimal(text: string): Decimal | null {
  const found = WRITTEN.exec(text)
  if (!found) return null
  const whole = found[2] ?? ''
  const part = found[3] ?? found[6] ?? ''
  const digits = BigInt(whole + part)
  const negative = (found[1] ?? found[5]) === '-'
  return new Decimal(negative ? -digits : digits, Number(found[4] ?? 0) - part.length)
}

export function whole(number: number): Decimal {
  return new Decimal(BigInt(number), 0)
}

export function fromNumber(number: number): Decimal | null {
  return Number.isFinite(number) ? decimal(String(number)) : null
}

/** Without the last digits, the nearest neighbour; a tie goes to the even one, or away from zero. */
function shortened(digits: bigint, drop: number, tie: 'even' | 'up'): bigint {
  if (drop > length(digits) + 1) return NONE
  const step = power(drop)
  const quotient = digits / step
  const twice = magnitude(digits % step) * TWO
  const away = twice > step || (twice === step && (tie === 'up' || quotient % TWO !== NONE))
  if (!away) return quotient
  return digits < NONE ? quotient - UNIT : quotient + UNIT
}

/** To 34 significant digits; null where it runs out of range. */
function finite(digits: bigint, exponent: number): Decimal | null {
  if (exponent > LOWEST && digits < 1e30 && digits > -1e30 && exponent < 6000) return new Decimal(digits, exponent)
  const drop = Math.max(length(digits) - PRECISION, LOWEST - exponent, 0)
  let kept = drop ? shortened(digits, drop, 'even') : digits
  let at = exponent + drop
  if (length(kept) > PRECISION) {
    kept /= TEN
    at += 1
  }
  if (kept !== NONE && length(kept) + at - 1 > HIGHEST) return null
  return new Decimal(kept, kept === NONE ? Math.min(at, 0) : at)
}

function aligned(left: Decimal, right: Decimal): [bigint, bigint, number] {
  if (left.exponent === right.exponent) return [left.digits, right.digits, left.exponent]
  if (left.exponent < right.exponent) {
    return [left.digits, right.digits * power(right.exponent - left.exponent), left.exponent]
  }
  return [left.digits * power(left.exponent - right.exponent), right.digits, right.exponent]
}

export function compare(left: Decimal, right: Decimal): number {
  const [one, other] = aligned(left, right)
  return one < other ? -1 : one > other ? 1 : 0
}

export function add(left: Decimal, right: Decimal): Decimal | null {
  const [one, other, exponent] = aligned(left, right)
  return finite(one + other, exponent)
}

export function subtract(left: Decimal, right: Decimal): Decimal | null {
  const [one, other, exponent] = aligned(left, right)
  return finite(one - other, exponent)
}

export function multiply(left: Decimal, right: Decimal): Decimal | null {
  return finite(left.digits * right.digits, left.exponent + right.exponent)
}

/** The quotient rounded half up to 12 decimals; by zero is blank. */
export function divide(left: Decimal, right: Decimal): Decimal | null {
  if (right.isZero) return null
  const shift = Math.max(0, PRECISION + 2 + length(right.digits) - length(left.digits))
  const raised = left.digits * power(shift)
  const rest = raised % right.digits
  let digits = raised / right.digits
  let exponent = left.exponent - right.exponent - shift
  if (rest !== NONE) {
    const negative = left.isNegative !== right.isNegative
    digits = digits * TEN + (negative ? -UNIT : UNIT)
    exponent -= 1
  }
  const quotient = finite(digits, exponent)?.stripped() ?? null
  if (!quotient || quotient.exponent >= -DIVISION_DECIMALS) return quotient
  return new Decimal(shortened(quotient.digits, -quotient.exponent - DIVISION_DECIMALS, 'up'), -DIVISION_DECIMALS)
}

/** Rounded half up to so many decimals; negative ones round to tens, hundreds. */
export function rounded(value: Decimal, decimals: Decimal): Decimal | null {
  if (!decimals.isWhole || compare(absolute(decimals), whole(MOST_DECIMALS)) > 0) return null
  const places = decimals.toNumber()
  const drop = -places - value.exponent
  if (drop <= 0) return value
  const digits = shortened(value.digits, drop, 'up')
  return length(digits) > PRECISION ? value : new Decimal(digits, -places)
}

/** The greatest whole number not above it. */
export function floor(value: Decimal): Decimal {
  if (value.exponent >= 0) return value
  const step = power(-value.exponent)
  const quotient = value.digits / step
  const below = value.digits < NONE && value.digits % step !== NONE
  return new Decimal(below ? quotient - UNIT : quotient, 0)
}

/** The remainder with the sign of the divisor. */
export function modulo(left: Decimal, right: Decimal): Decimal | null {
  const quotient = divide(left, right)
  const product = quotient && multiply(right, floor(quotient))
  return product && subtract(left, product)
}

export function negated(value: Decimal): Decimal | null {
  return finite(-value.digits, value.exponent)
}

export function absolute(value: Decimal): Decimal {
  return value.isNegative ? new Decimal(-value.digits, value.exponent) : value
}

export function total(numbers: Iterable<Decimal>): Decimal | null {
  let result: Decimal | null = ZERO
  for (const one of numbers) {
    result = add(result, one)
    if (!result) return null
  }
  return result
}
