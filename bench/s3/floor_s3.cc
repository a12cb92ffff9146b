// The least work that could move files to and from emulated_s3: no signature, no checksum, no retry, no memory of what
// was done.
//
//   floor_s3 put PORT DIRECTORY [CA]     every file of DIRECTORY; with CA over one TLS 1.3 connection
//   floor_s3 get PORT DIRECTORY COUNT    objects 00000.bin … of prefix "get/" into DIRECTORY, read(2) to write(2)
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = 1 << 20;
constexpr size_t kConnections = 8;

class Peer {
 public:
  Peer(int port, SSL_CTX* tls) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ok_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    if (tls == nullptr) return;
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, fd_);
    ok_ = ok_ && SSL_connect(ssl_) == 1;
  }
  bool ok() const { return ok_; }

  bool Send(std::string_view data, bool more) {
    while (!data.empty()) {
      const ssize_t sent = ssl_ != nullptr ? SSL_write(ssl_, data.data(), static_cast<int>(data.size()))
                                           : ::send(fd_, data.data(), data.size(), more ? MSG_MORE : 0);
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  ssize_t Receive(char* into, size_t most) {
    return ssl_ != nullptr ? SSL_read(ssl_, into, static_cast<int>(most)) : ::recv(fd_, into, most, 0);
  }
  // The answer's head; `rest` is what came behind it.
  bool Head(std::string& head, std::string& rest) {
    head.clear();
    char buffer[64 << 10];
    while (true) {
      const ssize_t got = Receive(buffer, sizeof buffer);
      if (got <= 0) return false;
      head.append(buffer, static_cast<size_t>(got));
      const size_t end = head.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      rest = head.substr(end + 4);
      head.resize(end);
      return head.starts_with("HTTP/1.1 2");
    }
  }

 private:
  int fd_ = -1;
  SSL* ssl_ = nullptr;
  bool ok_ = false;
};

std::vector<Peer> Connect(int port, SSL_CTX* tls, size_t count) {
  std::vector<Peer> peers;
  for (size_t i = 0; i < count; ++i) peers.emplace_back(port, tls);
  return peers;
}

bool PutOne(Peer& peer, const fs::path& file, std::vector<char>& block) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (fd < 0 || ::fstat(fd, &status) != 0) return false;
  bool ok = peer.Send(fmt::format("PUT /b/floor/{} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
                                  file.filename().string(), status.st_size),
                      true);
  for (off_t left = status.st_size; ok && left > 0;) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got <= 0) break;
    left -= got;
    ok = peer.Send({block.data(), static_cast<size_t>(got)}, left > 0);
  }
  ::close(fd);
  return ok;
}

int Put(int port, const fs::path& directory, const char* ca) {
  SSL_CTX* tls = nullptr;
  if (ca != nullptr) {
    tls = SSL_CTX_new(TLS_client_method());
    if (SSL_CTX_load_verify_locations(tls, ca, nullptr) != 1) return 1;
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, nullptr);
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) files.push_back(entry.path());
  auto peers = Connect(port, tls, std::min(kConnections, files.size()));
  std::vector<char> block(kBlock);
  std::string head;
  std::string rest;
  for (size_t begin = 0; begin < files.size(); begin += peers.size()) {
    const size_t end = std::min(files.size(), begin + peers.size());
    for (size_t i = begin; i < end; ++i)
      if (!PutOne(peers[i - begin], files[i], block)) return 1;
    for (size_t i = begin; i < end; ++i)
      if (!peers[i - begin].Head(head, rest)) return 1;
  }
  return 0;
}

bool GetOne(Peer& peer, const fs::path& file, std::vector<char>& block) {
  std::string head;
  std::string rest;
  if (!peer.Head(head, rest)) return false;
  const size_t length = head.find("Content-Length: ");
  if (length == std::string::npos) return false;
  uint64_t left = std::strtoull(head.c_str() + length + 16, nullptr, 10);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool ok = fd >= 0 && ::write(fd, rest.data(), rest.size()) == static_cast<ssize_t>(rest.size());
  left -= rest.size();
  while (ok && left > 0) {
    const ssize_t got = peer.Receive(block.data(), std::min<uint64_t>(block.size(), left));
    ok = got > 0 && ::write(fd, block.data(), static_cast<size_t>(got)) == got;
    if (ok) left -= static_cast<uint64_t>(got);
  }
  ::close(fd);
  return ok;
}

int Get(int port, const fs::path& directory, size_t count) {
  auto peers = Connect(port, nullptr, std::min(kConnections, count));
  std::vector<char> block(kBlock);
  for (size_t begin = 0; begin < count; begin += peers.size()) {
    const size_t end = std::min(count, begin + peers.size());
    for (size_t i = begin; i < end; ++i)
      if (!peers[i - begin].Send(fmt::format("GET /b/get/{:05}.bin HTTP/1.1\r\nHost: x\r\n\r\n", i), false))
        return 1;
    for (size_t i = begin; i < end; ++i)
      if (!GetOne(peers[i - begin], directory / fmt::format("{:05}.bin", i), block)) return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const int port = std::atoi(argv[2]);
  if (std::string_view(argv[1]) == "put") return Put(port, argv[3], argc > 4 ? argv[4] : nullptr);
  return argc > 4 ? Get(port, argv[3], std::strtoul(argv[4], nullptr, 10)) : 2;
}
