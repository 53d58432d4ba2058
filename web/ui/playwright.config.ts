import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

// The system's Chromium: nothing is downloaded. `make test-e2e` names it; by hand WAYMEET_CHROMIUM may.
const candidates = [process.env.WAYMEET_CHROMIUM, process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = candidates.find((p) => p && existsSync(p))
if (!executablePath) throw new Error('e2e: no Chromium found. Install the package `chromium`, or set WAYMEET_CHROMIUM to its path.')

export default defineConfig({
  testDir: 'e2e',
  testIgnore: process.env.LIVEKIT_SERVER ? [] : 'livekit.spec.ts', // `make test-livekit` runs it: its server takes minutes to build
  fullyParallel: false,
  workers: 1, // the tests share one stack, and one of them restarts its Redis
  retries: 0,
  // Generous, because a shared two-core machine may be busy. What must be fast is measured and asserted in the tests themselves.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: [['list']],
  globalSetup: './e2e/stack.ts',
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    viewport: { width: 1440, height: 900 },
    trace: process.env.CI ? 'retain-on-failure' : 'off',
    launchOptions: {
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--enable-unsafe-swiftshader'],
    },
  },
})
