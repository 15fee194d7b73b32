/** English words that say little of what a text is about. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are aren't as at be because been before being below between
  both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each either et etc few for
  from further get give given had has have having he her here hers him himself his how however i i'm if in into is isn't it
  it's its itself just let may me might more most much must my myself neither no nor not now of off on once one only or other
  our ours out over own please quite rather really same shall she should since so some such tell than that that's the their
  them then there there's these they this those though through thus to too under until up upon us use used using very via was
  we were what what's when where whether which while who whom whose why will with within without would yet you your`
    .split(/\s+/)
    .filter((word) => word !== ''),
)
