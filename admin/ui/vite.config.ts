import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

// Every entry is named by what a template asks for: entry('page'), entry('fill'), entry('designer').
// The manifest (build/manifest.json) tells the server the hashed file names.
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  base: '/static/build/',
  plugins: [vue()],
  publicDir: false,
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
  build: {
    outDir: here('../static/build'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: ['chrome80', 'safari13'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        page: here('src/page.ts'),
        fill: here('src/fill/main.ts'),
        ledger: here('src/ledger/main.ts'),
        reading: here('src/grid/reading.ts'),
        designer: here('src/designer/main.ts'),
        flow: here('src/flow/main.ts'),
        passkey: here('src/passkey.ts'),
      },
    },
  },
})
