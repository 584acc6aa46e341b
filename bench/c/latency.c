// latency PORT EXCHANGE KEY: publishes each line of stdin, waits for its confirm and prints the nanoseconds between.
#include <time.h>
#include "publish-line.h"

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int count, char **words) {
  if (count != 4) fail("latency PORT EXCHANGE KEY: reading these words");
  amqp_connection_state_t connection = open_connection(words[1]);
  select_confirms(connection);
  for (ssize_t length; (length = read_line()) >= 0;) {
    long long start = nanoseconds();
    publish_line(connection, words[2], words[3], length);
    wait_for_ack(connection);
    printf("%lld\n", nanoseconds() - start);
    fflush(stdout);
  }
  close_connection(connection);
}
