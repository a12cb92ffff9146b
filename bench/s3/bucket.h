// What S3 means, as far as benchmarks need it: names and sizes of objects, multipart uploads, listings, ranges. The bytes
// are thrown away, and served from a pattern. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "s3/emulation.h"
#include "s3/request_head.h"

namespace seshat::bench {

struct Answer {
  std::string text;     // head and short body
  uint64_t bytes = 0;   // of the object, behind it
  uint64_t offset = 0;  // of these in the object
};

class Bucket {
 public:
  explicit Bucket(const Settings& settings);

  // `now` is when the request began, for the limit on PUTs.
  Answer Serve(const Head& head, uint64_t body_bytes, Time now);

 private:
  struct Object {
    uint64_t bytes = 0;
    std::string etag;
  };
  struct Upload {
    uint64_t bytes = 0;
    std::map<uint64_t, std::string> md5s;  // by part number
  };

  Answer Put(const Head& head, uint64_t body_bytes, Time now);
  Answer Complete(const Head& head);
  Answer List(const Head& head);
  Answer Read(const Head& head);
  const std::string& ChecksumOf(uint64_t size);

  PutLimit limit_;
  std::map<std::string, Object> objects_;
  std::unordered_map<std::string, Upload> parts_;
  std::unordered_map<uint64_t, std::string> checksums_;
  uint64_t uploads_ = 0;
  uint64_t accepted_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace seshat::bench
