/** Two short tones: somebody is there. A browser that allows no sound yet stays silent. */
export function chime(): void {
  try {
    const ctx = new AudioContext()
    for (const [at, hz] of [[0, 660], [0.18, 880]] as const) {
      const tone = ctx.createOscillator()
      const level = ctx.createGain()
      tone.frequency.value = hz
      level.gain.setValueAtTime(0.0001, ctx.currentTime + at)
      level.gain.exponentialRampToValueAtTime(0.15, ctx.currentTime + at + 0.02)
      level.gain.exponentialRampToValueAtTime(0.0001, ctx.currentTime + at + 0.17)
      tone.connect(level).connect(ctx.destination)
      tone.start(ctx.currentTime + at)
      tone.stop(ctx.currentTime + at + 0.18)
    }
    setTimeout(() => void ctx.close(), 1_000)
  } catch {
    // no sound here
  }
}
