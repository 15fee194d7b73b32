import { PlinthProvider } from '@plinth/client/react'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { client, queryClient } from './client.ts'
import './style.css'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <PlinthProvider client={client}>
        <App />
      </PlinthProvider>
    </QueryClientProvider>
  </StrictMode>,
)
