/** English words that people ask with and that say little of what they look for; beside the stop words. */
export const ASKING_WORDS: ReadonlySet<string> = new Set(
  `anybody anyone anything appropriate article articles aspect aspects available concern concerned concerning concerns
  consider considered considering deal dealing deals describe described describes describing detail details discuss discussed
  discusses discussing discussion document documents example examples exist exists explain find finding following general
  generally hear help helpful include includes including interest interested interesting involve involved involving issue
  issues kind kinds know known like list look looking made make makes making material materials mention mentioned need needed
  needs obtain paper papers particular particularly possible possibly pertain pertaining provide provides provided question
  questions reference references regard regarding relate related relates relating relevant report reports reported request
  search seek seeking show shows something sort sorts specific specifically topic topics type types various want wanted way
  ways work works written`
    .split(/\s+/)
    .filter((word) => word !== ''),
)
