// The messages of a channel in flight, at most as many as the window has room for.
#include <stdbool.h>
#include <stdint.h>
#include "publish-line.h"

static bool *confirmed;
static uint64_t window, published = 0;
// The lowest delivery tag that is not confirmed; the first message has 1.
static uint64_t lowest = 1;

static void take_ack(amqp_basic_ack_t ack) {
  for (uint64_t tag = ack.multiple ? lowest : ack.delivery_tag; tag <= ack.delivery_tag; tag++)
    confirmed[tag % window] = true;
  while (lowest <= published && confirmed[lowest % window]) confirmed[lowest++ % window] = false;
}
