#include "platform/http/date.h"

#include <gtest/gtest.h>

namespace seshat::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(HttpDate, TheOneForm) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), ParseTimestamp("1994-11-06T08:49:37Z").value());
  EXPECT_EQ(ParseHttpDate("Mon, 23 Nov 2026 00:00:60 GMT"), ParseTimestamp("2026-11-23T00:01:00Z").value());
}

TEST(HttpDate, NothingElse) {
  for (const char* text :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 9999 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT"})
    EXPECT_FALSE(ParseHttpDate(text)) << text;
}

TEST(HttpRetryAfter, SecondsOrDate) {
  const Timestamp now = ParseTimestamp("1994-11-06T08:49:30Z").value();
  EXPECT_EQ(ParseRetryAfter("0", now), milliseconds(0));
  EXPECT_EQ(ParseRetryAfter("120", now), seconds(120));
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", now), seconds(7));
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:00 GMT", now), milliseconds(0));
  EXPECT_EQ(ParseRetryAfter("999999999", now), std::chrono::hours(24));
  for (const char* text : {"", "-1", "1.5", "soon", "99999999999999999999"})
    EXPECT_FALSE(ParseRetryAfter(text, now)) << text;
}

}  // namespace
}  // namespace seshat::http
