/** A range of values, from `from` up to but not including `to`, and how many there were. */
export interface Bucket {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** Mantissa bits of a bucket: 128 buckets from a power of two to the next, each under 0.8 % wide. */
const precision = 7
const perOctave = 2 ** precision
/** Values are distinguished from 2^-10 on, a microsecond where they are milliseconds, up to 2^22, more than an hour. */
const [lowest, highest] = [-10, 22]
const bucketCount = (highest - lowest) * perOctave

/**
 * Counts positive values in buckets that grow with the value, as HdrHistogram does: any number of them in 32 kB, each in
 * a few steps.
 */
export class Histogram {
  readonly #counts = new Float64Array(bucketCount)
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  record(value: number): void {
    const bucket = bucketOf(value)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count++
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  get count(): number {
    return this.#count
  }

  /** Exact, as are `max` and `mean`. Without values all three are no numbers. */
  get min(): number {
    return this.#count === 0 ? Number.NaN : this.#min
  }

  get max(): number {
    return this.#count === 0 ? Number.NaN : this.#max
  }

  get mean(): number {
    return this.#sum / this.#count
  }

  /**
   * The value that so many percent of all are not above: never too low, and too high by less than 0.8 %.
   *
   * @param percent above 0, up to 100
   */
  percentile(percent: number): number {
    const rank = Math.ceil((percent * this.#count) / 100)
    let seen = 0
    for (const [index, count] of this.#counts.entries()) {
      seen += count
      if (count > 0 && seen >= rank) return Math.min(startOf(index + 1), this.#max)
    }
    return Number.NaN
  }

  /** The values in buckets without gaps, as fine as they are kept but no more than `most`. */
  buckets(most: number): Bucket[] {
    if (this.#count === 0) return []
    const [first, last] = [bucketOf(this.#min), bucketOf(this.#max)]
    let width = 1
    while (Math.floor(last / width) - Math.floor(first / width) >= most) width *= 2
    const buckets: Bucket[] = []
    for (let start = first - (first % width); start <= last; start += width) {
      const count = this.#counts.subarray(start, start + width).reduce((sum, one) => sum + one, 0)
      buckets.push({ from: startOf(start), to: startOf(start + width), count })
    }
    return buckets
  }
}

/** A double's exponent and first mantissa bits, which is its place on a scale of octaves that are divided evenly. */
const view = new DataView(new ArrayBuffer(8))
const ignoredBits = 20 - precision
const firstPlace = placeOf(2 ** lowest)

function placeOf(value: number): number {
  view.setFloat64(0, value)
  return view.getUint32(0) >>> ignoredBits
}

function bucketOf(value: number): number {
  if (!(value > 2 ** lowest)) return 0
  return Math.min(placeOf(value) - firstPlace, bucketCount - 1)
}

/** The first and the last bucket have all that is beyond them, too. */
function startOf(bucket: number): number {
  if (bucket === 0) return 0
  if (bucket >= bucketCount) return Number.POSITIVE_INFINITY
  view.setUint32(0, (bucket + firstPlace) << ignoredBits)
  view.setUint32(4, 0)
  return view.getFloat64(0)
}
