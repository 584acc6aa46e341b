// cpu-time FILE PROGRAM WORD…: runs the program, ends as it does, and writes the microseconds of CPU time that it took to FILE.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 3) return 64;
  pid_t child = fork();
  if (child < 0) return 71;
  if (child == 0) {
    execvp(words[2], words + 2);
    _exit(127);
  }
  int status;
  struct rusage used;
  if (wait4(child, &status, 0, &used) < 0) return 71;
  FILE *file = fopen(words[1], "w");
  if (!file) return 73;
  long long seconds = used.ru_utime.tv_sec + used.ru_stime.tv_sec;
  fprintf(file, "%lld\n", seconds * 1000000 + used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
