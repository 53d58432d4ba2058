import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The API a development page talks to; the built app is always served by the node that answers /v1.
const api = process.env.WAYMEET_API ?? 'http://127.0.0.1:8080'

// From its sources: the client for others and ours are one, and nothing has to be built first. tsconfig.app.json says the same.
const sdk = fileURLToPath(new URL('../sdk/src/index.ts', import.meta.url))

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@waymeet/sdk': sdk } },
  build: {
    target: 'es2022',
    manifest: true, // scripts/budget.mjs walks it to weigh what a phone loads first
    assetsInlineLimit: 0,
    emptyOutDir: true,
    chunkSizeWarningLimit: 1400, // the map is one large lazy chunk; budget.mjs watches what matters
  },
  server: { fs: { allow: ['.', '../sdk'] }, proxy: { '/v1': { target: api, ws: true, changeOrigin: false } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node', restoreMocks: true },
})
