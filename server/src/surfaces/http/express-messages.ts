import { IncomingMessage, ServerResponse } from 'node:http'
import type { Express } from 'express'

const HEAD = Symbol('head')

/**
 * Requests and answers for `app`, to be made by Node's server. They are born with the prototypes that Express gives to
 * each it handles: an object whose prototype changes is slow from then on, 7 to 10 % of a light call. And they say when
 * their head is sent ({@link beforeHead}), without a wrapper for each of them.
 */
export function messagesFor(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  const { writeHead } = ServerResponse.prototype
  Object.defineProperty(AppResponse.prototype, 'writeHead', {
    value: function (this: ServerResponse, ...args: unknown[]): unknown {
      this.emit(HEAD)
      return Reflect.apply(writeHead, this, args)
    },
  })
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse }
}

/** Calls `work` at the last moment at which headers can be set, whoever sends them. */
export function beforeHead(res: ServerResponse, work: () => void): void {
  res.once(HEAD, work)
}
