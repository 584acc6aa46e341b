/** How many of evi's own modules a run has come to; more than before, and the code cache is made anew. */
export const evaluated = { modules: 0 }
