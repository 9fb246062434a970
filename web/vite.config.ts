import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

// `npm run dev` serves the console by itself and asks a running `aman` for everything else.
const server = process.env.AMAN_DEV_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [svelte()],
  build: {
    // The public page, not the browser's default, says what must load: no inline polyfill, no data: script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: 'es2022',
    sourcemap: false,
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': server, '/basemap.json': server, '/s/': server },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
