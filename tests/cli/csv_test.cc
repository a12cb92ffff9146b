#include <gtest/gtest.h>

#include "cli/search/search_columns.h"

namespace seshat::cli {
namespace {

TEST(Csv, QuotesWhatNeedsIt) {
  EXPECT_EQ(CsvLine({"plain", "a,b", "say \"hi\"", ""}), "plain,\"a,b\",\"say \"\"hi\"\"\",\r\n");
}

// A formula behind a line feed or a blank was passed on.
TEST(Csv, FormulasAreDefusedAlsoBehindWhiteSpace) {
  EXPECT_EQ(CsvLine({"=1+1"}), "\"'=1+1\"\r\n");
  EXPECT_EQ(CsvLine({"\n=1"}), "\"'\n=1\"\r\n");
  EXPECT_EQ(CsvLine({" \t@sum(a)"}), "\"' \t@sum(a)\"\r\n");
  EXPECT_EQ(CsvLine({"-cmd"}), "\"'-cmd\"\r\n");
  EXPECT_EQ(CsvLine({"-5.2", "+3", "a=b"}), "-5.2,+3,a=b\r\n");
}

}  // namespace
}  // namespace seshat::cli
