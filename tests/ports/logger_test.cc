#include "ports/logger.h"

#include <gtest/gtest.h>

#include <string>

#include "support/fakes.h"

namespace seshat {
namespace {

class Quiet : public testing::MemoryLogger {
 public:
  bool Enabled(LogLevel level) const override { return level >= LogLevel::kWarning; }
};

TEST(Logger, WritesWhatIsEnabled) {
  Quiet logger;
  logger.Debug("a");
  logger.Info("b", {{"n", 1}});
  logger.Warning("c", {{"n", 2}});
  logger.LogError("d");
  const auto lines = logger.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "warning c n=2");
  EXPECT_TRUE(logger.Holds("error d"));
}

TEST(LogField, KeepsTheTypeOfAValue) {
  const std::string text = "t";
  EXPECT_TRUE(std::holds_alternative<std::string_view>(LogField("f", text).value));
  EXPECT_TRUE(std::holds_alternative<std::string_view>(LogField("f", "t").value));
  EXPECT_TRUE(std::holds_alternative<bool>(LogField("f", true).value));
  EXPECT_TRUE(std::holds_alternative<double>(LogField("f", 0.5).value));
  EXPECT_EQ(std::get<int64_t>(LogField("f", uint32_t{4'000'000'000}).value), 4'000'000'000);
}

TEST(FieldLogger, AddsItsFieldsToEveryLine) {
  Quiet inner;
  FieldLogger logger(inner, {{"session", "run-1"}, {"traceparent", "t"}});
  EXPECT_FALSE(logger.Enabled(LogLevel::kInfo));
  logger.Info("not seen");
  logger.Warning("seen", {{"n", 1}});
  ASSERT_EQ(inner.lines().size(), 1U);
  EXPECT_EQ(inner.lines()[0], "warning seen n=1 session=run-1 traceparent=t");
  FieldLogger nested(logger, {{"path", "a"}});
  nested.LogError("deep");
  EXPECT_EQ(inner.lines()[1], "error deep path=a session=run-1 traceparent=t");
}

}  // namespace
}  // namespace seshat
