import { defineConfig } from 'vite'

// The citizen's page is one response: its script goes into the page whole (web/citizen.go), so it is
// one file without imports, for web views of 2017 and later.
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2017',
    outDir: 'dist/citizen',
    emptyOutDir: true,
    minify: true,
    reportCompressedSize: true,
    lib: { entry: 'src/citizen/page.ts', formats: ['iife'], name: 'aman', fileName: () => 'page.js' },
  },
})
