/** Bytes around each frame's payload: type, channel and size before it, the end mark behind it (AMQP 0-9-1, 2.3.5). */
export const frameHeader = 7
export const frameEnd = 0xce
export const frameOverhead = frameHeader + 1

/** The most bytes of a frame that evi takes, and asks the broker for: what RabbitMQ proposes. */
export const largestFrame = 131_072

/** A message is a frame of each type, or more of the last: the method, the properties, the body. */
export const methodFrame = 1
export const headerFrame = 2
export const bodyFrame = 3
/** Where the body's size stands in a header frame: behind the class and the weight. */
export const sizeInHeader = frameHeader + 4
