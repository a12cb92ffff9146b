// Hostile metadata must not cost memory. Each case runs in a child of its own, whose peak is read from /proc.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "core/metadata/metadata_text.h"

namespace seshat::metadata {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int64_t kAllowedBytes = int64_t{640} << 20;  // freed memory is kept in quarantine there
#else
constexpr int64_t kAllowedBytes = int64_t{64} << 20;
#endif

struct Outcome {
  int64_t growth = -1;
  uint64_t entries = 0;
  uint64_t truncated_at_line = 0;
};

int64_t StatusBytes(const std::string& field) {
  const int fd = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  std::string text(8192, '\0');
  const auto size = ::read(fd, text.data(), text.size());
  ::close(fd);
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  const auto at = text.find(field + ":");
  return at == std::string::npos ? -1 : std::stoll(text.substr(at + field.size() + 1)) * 1024;
}

// Feeds `start`, then `piece` until `total` bytes were fed, then `end`, in a child.
Outcome FeedInChild(const std::string& start, const std::string& piece, size_t total, const std::string& end = "") {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    const int64_t before = StatusBytes("VmRSS");
    MetadataTextParser parser;
    parser.Feed(AsBytes(start));
    for (size_t fed = 0; fed < total; fed += piece.size()) parser.Feed(AsBytes(piece));
    parser.Feed(AsBytes(end));
    const auto metadata = parser.Finish();
    const Outcome outcome{StatusBytes("VmHWM") - before, metadata.entries.size(),
                          metadata.truncated_at_line.value_or(0)};
    const auto written = ::write(ends[1], &outcome, sizeof outcome);
    ::_exit(written == sizeof outcome ? 0 : 1);
  }
  ::close(ends[1]);
  Outcome outcome;
  if (::read(ends[0], &outcome, sizeof outcome) != sizeof outcome) outcome.growth = -1;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return outcome;
}

void ExpectSmall(const Outcome& outcome) {
  EXPECT_GE(outcome.growth, 0) << "the child died";
  EXPECT_LT(outcome.growth, kAllowedBytes);
}

constexpr size_t kHundredMegabytes = 100'000'000;

std::string Repeat(const std::string& text, size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += text;
  return out;
}

TEST(MetadataMemory, OneLineOfAHundredMegabytes) {
  const auto outcome = FeedInChild("a: 1\nb: ", std::string(1 << 16, 'x'), kHundredMegabytes, "\nc: 3\n");
  ExpectSmall(outcome);
  EXPECT_EQ(outcome.entries, 3u);
  EXPECT_EQ(outcome.truncated_at_line, 2u);
}

TEST(MetadataMemory, OneFeedOfAHundredMegabytes) {
  const std::string line(kHundredMegabytes, 'x');
  const auto outcome = FeedInChild("a: ", line, line.size());
  ExpectSmall(outcome);
  EXPECT_EQ(outcome.entries, 1u);
  EXPECT_EQ(outcome.truncated_at_line, 1u);
}

TEST(MetadataMemory, TenMillionKeys) {
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += "key" + std::to_string(i) + " = " + std::to_string(i) + "\n";
  const auto outcome = FeedInChild("", lines, 1000 * lines.size());
  ExpectSmall(outcome);
  EXPECT_EQ(outcome.entries, 10'000u);
  EXPECT_EQ(outcome.truncated_at_line, 10'001u);
}

TEST(MetadataMemory, TenMillionLinesThatAreNoEntries) {
  const auto outcome = FeedInChild("", Repeat("nothing\n", 80'000), 80'000'000, "a: 1\n");
  ExpectSmall(outcome);
  EXPECT_EQ(outcome.entries, 1u);
}

TEST(MetadataMemory, ManyLongValues) {
  const auto outcome = FeedInChild("", "key = " + std::string(30'000, '\xFF') + "\n", 64 << 20);
  ExpectSmall(outcome);
  EXPECT_EQ(outcome.truncated_at_line, 1u);
}

TEST(MetadataMemory, JsonStringOfAHundredMegabytes) {
  const auto outcome =
      FeedInChild("{\"a\": 1,\n\"b\": \"", std::string(1 << 16, 'x'), kHundredMegabytes, "\", \"c\": 3}");
  ExpectSmall(outcome);
  EXPECT_EQ(outcome.entries, 3u);
  EXPECT_EQ(outcome.truncated_at_line, 2u);
}

TEST(MetadataMemory, JsonKeyAndNumberOfManyMegabytes) {
  ExpectSmall(FeedInChild("{\"", std::string(1 << 16, 'k'), 16 << 20, "\": 1}"));
  ExpectSmall(FeedInChild("{\"a\": ", std::string(1 << 16, '1'), 16 << 20, "}"));
}

TEST(MetadataMemory, JsonWithTenMillionKeys) {
  const auto outcome = FeedInChild("{\"first\": 0\n", Repeat(",\"k\": 1\n", 80'000), 90'000'000, "}");
  ExpectSmall(outcome);
  EXPECT_EQ(outcome.entries, 10'000u);
  EXPECT_EQ(outcome.truncated_at_line, 10'001u);
}

TEST(MetadataMemory, DeepJsonAndUtf16) {
  ExpectSmall(FeedInChild("{\"a\":", std::string(1 << 16, '['), 16 << 20));
  ExpectSmall(FeedInChild("\xFF\xFE", Repeat(std::string("x\0", 2), 1 << 16), 16 << 20));
  ExpectSmall(FeedInChild("[", std::string(1 << 16, '['), 16 << 20));
}

}  // namespace
}  // namespace seshat::metadata
