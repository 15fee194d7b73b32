/** The most text one document may have, in UTF-16 units: ten thousand pages of a book. */
export const MOST_CHARACTERS = 12_000_000
