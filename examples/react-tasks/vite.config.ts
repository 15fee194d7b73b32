import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  // The server lets in pages of the origins in CORS_ORIGINS: keep the port the same.
  server: { port: 5173, strictPort: true },
  preview: { port: 5173, strictPort: true },
})
