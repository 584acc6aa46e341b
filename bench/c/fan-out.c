// fan-out PORT PREFIX QUEUES WINDOW: publishes each line of stdin to the queues PREFIX0, PREFIX1 and so on, on one channel,
// with at most WINDOW messages unconfirmed. Prints how many it published.
#include "confirm-window.h"

int main(int count, char **words) {
  if (count != 5) fail("fan-out PORT PREFIX QUEUES WINDOW: reading these words");
  int queues = atoi(words[3]);
  window = strtoull(words[4], NULL, 10);
  confirmed = calloc(window, sizeof *confirmed);
  amqp_connection_state_t connection = open_connection(words[1]);
  select_confirms(connection);
  char key[256];
  for (ssize_t length; (length = read_line()) >= 0;) {
    for (int queue = 0; queue < queues; queue++, published++) {
      while (published + 1 - lowest == window) take_ack(wait_for_ack(connection));
      snprintf(key, sizeof key, "%s%d", words[2], queue);
      publish_line(connection, "", key, length);
    }
  }
  while (lowest <= published) take_ack(wait_for_ack(connection));
  close_connection(connection);
  printf("%llu\n", (unsigned long long)published);
}
