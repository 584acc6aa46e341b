const { EVI_FUZZ: factor = '1' } = process.env

/** How often a property is tried: so many times in a test run, many more in `npm run fuzz`. */
export function cases(number: number): number {
  return Math.ceil(number * Number(factor))
}
