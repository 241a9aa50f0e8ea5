<?php
// The page of the article, with a login and a logout: "Hello #1", "Hello #2", …

// PHP takes any text for an id and reads a lock as a session; see SECURITY.md.
if (!preg_match('/^[0-9A-Za-z,-]{22,231}$/D', $_COOKIE[session_name()] ?? '')) {
    unset($_COOKIE[session_name()]);
}
if (!session_start()) {
    http_response_code(503);
    exit("No session.\n");
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/logout') {
    session_destroy();
    $cookie = session_get_cookie_params();
    setcookie(session_name(), '', ['expires' => 1, 'path' => $cookie['path'], 'domain' => $cookie['domain'],
        'secure' => $cookie['secure'], 'httponly' => $cookie['httponly'], 'samesite' => $cookie['samesite']]);
    exit("Goodbye\n");
}
if ($path === '/login') {
    session_regenerate_id(true);
    $_SESSION['user'] = 'alice';
}
$_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
$_SESSION['seen'][] = getenv('DYNO');

header('Content-Type: application/json');
echo json_encode(['count' => $_SESSION['count'], 'pid' => getmypid(), 'process' => getenv('DYNO')]), "\n";
