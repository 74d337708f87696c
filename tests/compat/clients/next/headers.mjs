// The jar that a Next.js server action would have: what was set, with its options, is there to be told.
export const jar = new Map();

const store = {
  get: (name) => jar.get(name),
  set: (name, value, options) => jar.set(name, { value, ...options }),
  delete: (name) => jar.delete(name),
};

export const cookies = async () => store;
