/** A generator whose maker is loaded when its first value is asked for; passed through after that, at no cost an item. */
export function deferred<T>(make: () => Promise<AsyncGenerator<T>>): AsyncGenerator<T> {
  let made: AsyncGenerator<T> | undefined;
  let making: Promise<AsyncGenerator<T>> | undefined;
  let over = false;
  const start = async (): Promise<AsyncGenerator<T>> => {
    making ??= make();
    made = await making;
    return made;
  };
  const generator: AsyncGenerator<T> = {
    next() {
      if (over) return Promise.resolve({ done: true, value: undefined });
      return made === undefined ? start().then((generator) => generator.next()) : made.next();
    },
    // One that was never asked for anything ends without being made.
    async return(value) {
      over = true;
      return making === undefined ? { done: true, value: await value } : (await start()).return(value);
    },
    async throw(error) {
      over = true;
      if (making === undefined) throw error;
      return (await start()).throw(error);
    },
    [Symbol.asyncIterator]: () => generator,
    async [Symbol.asyncDispose]() {
      await generator.return(undefined);
    },
  };
  return generator;
}
