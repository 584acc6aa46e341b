/** A span of time for a person, without needless digits: `0.4 s`, `12 s`, `3 min 20 s`, `5 h 12 min`. */
export function durationText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 120) return `${whole} s`
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** A span of milliseconds for a person: whole ones, and one digit below ten. */
export function millisecondsText(ms: number): string {
  return `${ms < 10 ? ms : Math.round(ms)} ms`
}
