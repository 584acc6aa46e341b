// consume PORT QUEUE PREFETCH COUNT: takes COUNT messages from the queue and writes each body and a newline to stdout.
// Acknowledges them by half of PREFETCH; with 0 nothing is acknowledged. Says "Watching" on stderr once it consumes.
#include <stdbool.h>
#include <stdint.h>
#include "connection.h"

static void consume(amqp_connection_state_t connection, const char *queue, uint16_t prefetch) {
  if (prefetch > 0) {
    amqp_basic_qos(connection, channel, 0, prefetch, 0);
    expect(amqp_get_rpc_reply(connection), "basic.qos");
  }
  amqp_basic_consume(connection, channel, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, prefetch == 0, 0,
                     amqp_empty_table);
  expect(amqp_get_rpc_reply(connection), "basic.consume");
  fputs("Watching\n", stderr);
}

static amqp_frame_t next_frame(amqp_connection_state_t connection) {
  amqp_frame_t frame;
  // What was read is seen at once, in one write for all that came together.
  if (!amqp_frames_enqueued(connection) && !amqp_data_in_buffer(connection)) fflush(stdout);
  if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) fail("waiting for a message");
  return frame;
}

// Writes the next message; returns its delivery tag.
static uint64_t write_message(amqp_connection_state_t connection) {
  amqp_maybe_release_buffers(connection);
  amqp_frame_t frame = next_frame(connection);
  if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD)
    fail("a delivery");
  uint64_t tag = ((amqp_basic_deliver_t *)frame.payload.method.decoded)->delivery_tag;
  uint64_t left = next_frame(connection).payload.properties.body_size;
  while (left > 0) {
    amqp_bytes_t part = next_frame(connection).payload.body_fragment;
    fwrite(part.bytes, 1, part.len, stdout);
    left -= part.len;
  }
  putchar_unlocked('\n');
  return tag;
}

int main(int count, char **words) {
  if (count != 5) fail("consume PORT QUEUE PREFETCH COUNT: reading these words");
  uint16_t prefetch = atoi(words[3]);
  uint64_t total = strtoull(words[4], NULL, 10);
  amqp_connection_state_t connection = open_connection(words[1]);
  setvbuf(stdout, NULL, _IOFBF, 65536);
  consume(connection, words[2], prefetch);
  for (uint64_t seen = 1; seen <= total; seen++) {
    uint64_t tag = write_message(connection);
    if (prefetch > 0 && seen % (prefetch > 1 ? prefetch / 2 : 1) == 0) amqp_basic_ack(connection, channel, tag, true);
  }
  fflush(stdout);
  close_connection(connection);
}
