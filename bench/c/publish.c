// publish PORT EXCHANGE KEY WINDOW: publishes each line of stdin, with at most WINDOW messages unconfirmed; with 0
// nothing is confirmed. Prints how many it published.
#include "confirm-window.h"

int main(int count, char **words) {
  if (count != 5) fail("publish PORT EXCHANGE KEY WINDOW: reading these words");
  window = strtoull(words[4], NULL, 10);
  amqp_connection_state_t connection = open_connection(words[1]);
  if (window > 0) {
    confirmed = calloc(window, sizeof *confirmed);
    select_confirms(connection);
  }
  for (ssize_t length; (length = read_line()) >= 0; published++) {
    while (window > 0 && published + 1 - lowest == window) take_ack(wait_for_ack(connection));
    publish_line(connection, words[2], words[3], length);
  }
  while (window > 0 && lowest <= published) take_ack(wait_for_ack(connection));
  close_connection(connection);
  printf("%llu\n", (unsigned long long)published);
}
