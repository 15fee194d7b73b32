import type { AnyTRPCRouter, inferRouterInputs, inferRouterOutputs } from '@trpc/server'

/** What callers of a router send, as tRPC infers it. */
export type Inputs<R extends AnyTRPCRouter> = inferRouterInputs<R>

/** What callers of a router get, as tRPC infers it. */
export type Outputs<R extends AnyTRPCRouter> = inferRouterOutputs<R>

/** Whether two types accept exactly each other's values; `any` is the same as nothing but itself. */
export type Same<A, B> = IsAny<A> extends IsAny<B> ? Mutual<A, B> : false

type IsAny<T> = 0 extends 1 & T ? true : false
type Mutual<A, B> = [A, B] extends [B, A] ? true : false

/** Fails to compile unless `T` is true. */
export type Expect<T extends true> = T
